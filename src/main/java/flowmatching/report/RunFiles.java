package flowmatching.report;

/** Names of what runs leave behind and the report shows. */
public final class RunFiles {
  public static final String RECORD = "run.json";
  public static final String METRICS = "metrics.jsonl";
  public static final String MODEL = "model";
  static final String MODEL_DESCRIPTION = "model.json";
  public static final String PREVIEWS = "previews";
  public static final String TRAJECTORY = "trajectory.png";
  public static final String EVALUATION = "evaluation.json";
  public static final String SAMPLES_SHEET = "samples.png";
  public static final String NEAREST_SHEET = "nearest.png";

  public static final int MAX_JSON_BYTES = 1 << 20;
  public static final int MAX_METRICS_BYTES = 64 << 20;
  static final int MAX_PICTURE_BYTES = 64 << 20;

  static final String PICTURE_END = ".png";

  private RunFiles() {}

  /** The file of an epoch's preview. */
  public static String preview(String epoch) {
    return epoch + PICTURE_END;
  }
}
