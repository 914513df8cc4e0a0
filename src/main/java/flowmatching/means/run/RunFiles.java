package flowmatching.means.run;

import java.util.Locale;

/** Names of the files in the folder of a run. */
public final class RunFiles {
  public static final String RECORD = "run.json";
  public static final String METRICS = "metrics.jsonl";
  public static final String CHECKPOINTS = "checkpoints";
  public static final String PREVIEWS = "previews";
  public static final String TRAJECTORY = "trajectory.png";
  public static final String EVALUATION = "evaluation.json";
  public static final String SAMPLES_SHEET = "samples.png";
  public static final String NEAREST_SHEET = "nearest.png";

  public static final int MAX_JSON_BYTES = 1 << 20;

  /** A page with larger pictures is slow on a phone. */
  public static final int MAX_PICTURE_BYTES = 4 << 20;

  private RunFiles() {}

  /** The name of an epoch's checkpoint folder. */
  public static String epoch(int number) {
    return String.format(Locale.ROOT, "epoch-%04d", number);
  }

  /** The name of an epoch's preview. */
  public static String preview(int epoch) {
    return epoch(epoch) + ".png";
  }
}
