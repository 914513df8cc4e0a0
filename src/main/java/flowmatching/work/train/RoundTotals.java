package flowmatching.work.train;

import flowmatching.means.parallel.Round;
import flowmatching.means.parameterserver.Traffic;
import flowmatching.means.run.EpochMetrics;
import flowmatching.means.run.EpochMetrics.Share;
import flowmatching.means.run.EpochMetrics.Updates;
import java.util.List;

/** Sums of an epoch's rounds. */
record RoundTotals(List<Round> rounds) {

  /** The metrics of an epoch, counted from 1, with the validation loss after it. */
  EpochMetrics metrics(
      String runSha256, int epoch, double validationLoss, EpochMetrics.Seconds seconds) {
    long images = rounds.stream().mapToLong(Round::images).sum();
    Round last = rounds.get(rounds.size() - 1);
    return new EpochMetrics(
        runSha256,
        epoch,
        rounds.stream().mapToDouble(Round::lossSum).sum() / images,
        validationLoss,
        images / seconds.training(),
        last.state().step(),
        last.replicas(),
        share(),
        updates(last.state().layout().length()),
        seconds);
  }

  private Share share() {
    Round.Seconds all =
        rounds.stream().map(Round::seconds).reduce(Round.Seconds::plus).orElseThrow();
    double sum =
        all.compute() + all.data() + all.exchange() + all.waiting() + all.resynchronisation();
    return new Share(
        all.compute() / sum,
        all.data() / sum,
        all.exchange() / sum,
        all.waiting() / sum,
        all.resynchronisation() / sum);
  }

  private Updates updates(long parameters) {
    Traffic sent = rounds.stream().map(Round::traffic).reduce(Traffic::plus).orElseThrow();
    if (sent.updates() == 0) {
      return Updates.NONE;
    }
    double bytes = (double) sent.bytes() / sent.updates();
    return new Updates(
        sent.updates(),
        bytes,
        Float.BYTES * parameters / bytes,
        sent.thresholds() / sent.updates(),
        sent.zeroShares() / sent.updates());
  }
}
