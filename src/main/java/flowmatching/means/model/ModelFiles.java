package flowmatching.means.model;

import flowmatching.base.failure.DataFailure;

/** The two files of a model, wherever they are; as text the place, for messages. */
interface ModelFiles {
  /**
   * What {@value ModelFolder#DESCRIPTION} holds.
   *
   * @throws DataFailure where there is none
   */
  byte[] description();

  /**
   * What {@value ModelFolder#WEIGHTS} holds.
   *
   * @param most bytes that are wanted
   * @throws DataFailure where there is none
   */
  byte[] weights(int most);
}
