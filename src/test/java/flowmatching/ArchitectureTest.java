package flowmatching;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.LocationProvider;
import com.tngtech.archunit.lang.ArchRule;
import flowmatching.job.JobCommand;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaRDDLike;

/** The dependency rule of the README, and what production code never does. */
@AnalyzeClasses(locations = ArchitectureTest.ProductionCode.class)
class ArchitectureTest {
  /** The jobs in the default package are part of it, so that a package's name would not do. */
  static final class ProductionCode implements LocationProvider {
    @Override
    public Set<Location> get(Class<?> test) {
      return Set.of(Location.of(Path.of("target/classes")));
    }
  }

  /** The jobs, as the README calls the classes without a package. */
  private static final String JOBS = "TrainJob, SampleJob, EvaluateJob";

  @ArchTest
  static void theArrowsAreThoseOfTheReadme(JavaClasses classes) throws IOException {
    Set<String> arrows = new TreeSet<>();
    for (JavaClass type : classes) {
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass();
        if (target.getPackageName().startsWith("flowmatching.")) {
          arrow(type.getPackageName(), target.getPackageName()).ifPresent(arrows::add);
        }
      }
    }
    assertThat(arrows).isEqualTo(drawn());
  }

  /** Between layers, or between the packages of one. */
  private static Optional<String> arrow(String from, String to) {
    String layer = layer(from);
    String otherLayer = layer(to);
    if (!layer.equals(otherLayer)) {
      return Optional.of(layer + " -> " + otherLayer);
    }
    return from.equals(to)
        ? Optional.empty()
        : Optional.of(from.replace("flowmatching.", "") + " -> " + to.replace("flowmatching.", ""));
  }

  private static String layer(String packageName) {
    return packageName.isEmpty() ? JOBS : packageName.split("\\.", -1)[1];
  }

  /** The lines with arrows of the README's section, each cut into single ones. */
  private static Set<String> drawn() throws IOException {
    String section = Files.readString(Path.of("README.md")).split("## How it is built\n", -1)[1];
    Set<String> drawn = new TreeSet<>();
    section
        .split("\n## ", -1)[0]
        .lines()
        .filter(line -> line.contains("->"))
        .forEach(
            line -> {
              String[] sides = line.split("->", -1);
              String from = sides[0].strip();
              for (String one : from.equals(JOBS) ? new String[] {JOBS} : from.split(",", -1)) {
                for (String to : sides[1].split(",", -1)) {
                  drawn.add(one.strip() + " -> " + to.strip());
                }
              }
            });
    return drawn;
  }

  @ArchTest
  static final ArchRule theLowerLayersKnowNoCluster =
      noClasses()
          .that()
          .resideInAnyPackage(
              "flowmatching.base..", "flowmatching.flow..", "flowmatching.network..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..");

  @ArchTest
  static final ArchRule theEngineAloneComputesWithDl4j =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "flowmatching.network.dl4j..",
              "flowmatching.network.backend..",
              "flowmatching.means.parameterserver..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.deeplearning4j..", "org.nd4j..");

  @ArchTest
  static final ArchRule packagesAreFreeOfCycles =
      slices().matching("flowmatching.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheCommandLinePrints =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(JobCommand.class.getName())
          .should(ACCESS_STANDARD_STREAMS);

  @ArchTest
  static final ArchRule onlyJobsEndTheProcess =
      noClasses()
          .that()
          .resideInAPackage("flowmatching..")
          .should()
          .callMethod(System.class, "exit", int.class);

  @ArchTest
  static final ArchRule fieldsAreHidden = fields().that().areNotStatic().should().notBePublic();

  @ArchTest static final ArchRule noStateIsShared = fields().that().areStatic().should().beFinal();

  /** What changes, and why. */
  private static final Set<String> SHARED =
      Set.of(
          // Spark creates each task's objects separately; the replicas of a process meet here.
          "flowmatching.means.parallel.LocalReplicas.BY_ROUND",
          "flowmatching.means.parallel.PortClaim.CLAIMED",
          // A process has one GPU and loads ND4J once.
          "flowmatching.network.backend.CudaDevice.CHOSEN",
          "flowmatching.network.backend.CudaDevice.LOADED");

  @ArchTest
  static void staticCollectionsDoNotChange(JavaClasses classes) throws Exception {
    Set<String> changing = new TreeSet<>();
    for (JavaClass type : classes) {
      for (Field field : type.reflect().getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) && isContainer(field.getType())) {
          field.setAccessible(true);
          Object value = field.get(null);
          if (!value.getClass().getName().startsWith("java.util.ImmutableCollections")) {
            changing.add(type.getName() + "." + field.getName());
          }
        }
      }
    }
    assertThat(changing).isEqualTo(SHARED);
  }

  private static boolean isContainer(Class<?> type) {
    return Collection.class.isAssignableFrom(type)
        || Map.class.isAssignableFrom(type)
        || ThreadLocal.class.isAssignableFrom(type)
        || type.getName().startsWith("java.util.concurrent.");
  }

  @ArchTest
  static final ArchRule partsAreMergedInOrder =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("flowmatching.work.evaluate.NearestImages")
          .should()
          .callMethodWhere(
              target(owner(assignableTo(JavaRDDLike.class)))
                  .and(target(nameMatching("reduce|fold|aggregate|treeReduce|treeAggregate"))))
          .because(
              "Spark merges parts in the order in which tasks end, so that sums differ from run to run; OrderedMerge has an order, and NearestImages needs none");

  @ArchTest
  static final ArchRule filesNameNoClasses =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(ObjectInputStream.class)
          .because("a deserialised file of anyone's can run anything");
}
