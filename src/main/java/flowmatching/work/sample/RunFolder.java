package flowmatching.work.sample;

import flowmatching.base.failure.DataFailure;
import flowmatching.means.storage.Folder;
import flowmatching.means.storage.Lease;
import java.util.List;

/** The folder of a run date, with the identity of the run that is to be in it. */
record RunFolder(Folder folder, SampleIdentity identity) {
  /** The last file of a finished run. */
  static final String SUCCESS = "_SUCCESS";

  boolean isFinished() {
    return folder.exists(SUCCESS);
  }

  /**
   * Checks that the folder is empty or of this run.
   *
   * @throws DataFailure if it is not
   */
  void check() {
    List<String> names = folder.list();
    if (names.contains(IdentityFile.NAME)) {
      checkIdentity();
      return;
    }
    for (String name : names) {
      // Servers that keep objects as files may list a concurrent upload under such a name.
      if (!name.startsWith(IdentityFile.NAME + "-") && !name.equals(Lease.NAME)) {
        throw new DataFailure(
            "%s holds files, such as %s, but no %s of a run: give another sample.output, or remove the files."
                .formatted(folder, name, IdentityFile.NAME));
      }
    }
  }

  /**
   * Writes the identity, unless the folder has one, which must then be that of this run.
   *
   * @return the folder's, which an earlier release may have written
   */
  IdentityFile claim() {
    if (!folder.createIfAbsent(IdentityFile.NAME, IdentityFile.of(identity).bytes())) {
      checkIdentity();
    }
    return IdentityFile.read(folder);
  }

  /**
   * Checks that the folder's identity is that of this run. What computed a finished run does not
   * matter: nothing is added to it.
   */
  void checkIdentity() {
    IdentityFile file = IdentityFile.read(folder);
    List<String> differences = file.differencesFrom(identity);
    if (!differences.isEmpty()) {
      throw new DataFailure(
          "%s is of another run: %s. Use the settings and the model of that run, or give another sample.output or sample.run-date."
              .formatted(folder, String.join("; ", differences)));
    }
    List<String> numericDifferences = file.numericDifferencesFrom(identity);
    if (!numericDifferences.isEmpty() && !isFinished()) {
      throw new DataFailure(
          "%s is unfinished and of another precision, kind of processor or version: %s. Continuing here would mix images of both. Finish the run with that sample.precision, on that kind of processor with those versions, or give another sample.output or sample.run-date."
              .formatted(folder, String.join("; ", numericDifferences)));
    }
  }
}
