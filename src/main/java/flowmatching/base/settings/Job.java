package flowmatching.base.settings;

/** A program that reads settings; each needs some values that the others can do without. */
public enum Job {
  TRAIN,
  SAMPLE,
  EVALUATE
}
