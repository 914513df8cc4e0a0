package flowmatching.base.settings;

/** A program that reads settings. Each requires some keys that the others do not. */
public enum Job {
  TRAIN,
  SAMPLE,
  EVALUATE
}
