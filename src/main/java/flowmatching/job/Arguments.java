package flowmatching.job;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command-line arguments of a job. */
@Command(
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Done, or nothing was left to do.",
      "1:The run failed.",
      "2:The configuration is wrong.",
      "3:The machine or the cluster cannot do the run.",
      "4:Data or a model is missing, broken or belongs to another run."
    },
    footerHeading = "%nKeys:%n",
    footer = {
      "  Arguments override files, later files override earlier ones, and both override the",
      "  defaults. The jar documents every key with its unit, range and default:",
      "  unzip -p flow-matching.jar reference.conf"
    })
interface Arguments {
  @Option(
      names = "--config",
      order = 0,
      paramLabel = "FILE-or-URI",
      description = "Settings in HOCON: a local file, or a URI of any Hadoop file system.")
  List<String> config();

  @Parameters(
      paramLabel = "path=value",
      arity = "0..*",
      description = "A setting, such as train.epochs=5 or model.channels=[16,32,64].")
  List<String> assignments();

  @Option(
      names = "--explain",
      order = 1,
      description = "Print every setting with its origin and exit.")
  boolean explain();

  @Option(names = "--check", order = 2, description = "Run the checks that precede a run and exit.")
  boolean check();

  @Option(names = "--help", order = 3, usageHelp = true, description = "Print this text and exit.")
  boolean help();
}
