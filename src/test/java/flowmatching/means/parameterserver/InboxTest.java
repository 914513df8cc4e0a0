package flowmatching.means.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.Computes;
import flowmatching.means.cluster.PeerLost;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

@Computes
class InboxTest {
  private static final UUID SESSION = new UUID(5, 6);
  private static final byte[] BODY = {1, 2, 3};

  private final Inbox inbox = new Inbox(SESSION, Set.of(1, 2));

  @Test
  void aStepIsCompleteWhenAllSendersHaveSent() {
    deliver(new Update(SESSION, 0, 2, BODY));
    deliver(new Update(SESSION, 0, 1, new byte[0]));
    Map<Integer, byte[]> taken = inbox.take(0, 1, () -> false);
    assertThat(taken.get(1)).isEmpty();
    assertThat(taken.get(2)).isEqualTo(BODY);
  }

  @Test
  void aMissingSenderIsNamed() {
    deliver(new Update(SESSION, 0, 2, BODY));
    assertThatThrownBy(() -> inbox.take(0, 1, () -> false))
        .isInstanceOf(PeerLost.class)
        .hasMessageContaining("step 0")
        .hasMessageContaining("process [1]")
        .hasMessageContaining("updates from [2] arrived");
  }

  @Test
  void aCancelledRoundEndsTheWait() {
    assertThatThrownBy(() -> inbox.take(0, 3600, () -> true))
        .isInstanceOf(PeerLost.class)
        .hasMessageContaining("was cancelled");
  }

  @Test
  void unexpectedUpdatesAreDropped() {
    deliver(new Update(SESSION, 0, 1, BODY));
    deliver(new Update(SESSION, 0, 1, new byte[] {9}));
    deliver(new Update(new UUID(5, 7), 0, 2, BODY));
    deliver(new Update(SESSION, 1, 2, BODY));
    deliver(new Update(SESSION, 0, 3, BODY));
    inbox.onNext(Nd4j.createFromArray(1f, 2f));
    inbox.onNext(Nd4j.createFromArray(1L, 2L, 3L, 4L));
    long[] damaged = new Update(SESSION, 0, 2, BODY).words();
    damaged[damaged.length - 1] ^= 1L << 56;
    inbox.onNext(Nd4j.createFromArray(damaged));
    long[] cut = new Update(SESSION, 0, 2, new byte[100]).words();
    inbox.onNext(Nd4j.createFromArray(Arrays.copyOf(cut, cut.length - 1)));
    assertThatThrownBy(() -> inbox.take(0, 1, () -> false)).hasMessageContaining("process [2]");
    deliver(new Update(SESSION, 0, 2, BODY));
    assertThat(inbox.take(0, 1, () -> false).get(1)).isEqualTo(BODY);
  }

  private void deliver(Update update) {
    inbox.onNext(Nd4j.createFromArray(update.words()));
  }
}
