package flowmatching;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.LocationProvider;
import com.tngtech.archunit.lang.ArchRule;
import flowmatching.job.JobCommand;
import java.io.ObjectInputStream;
import java.nio.file.Path;
import java.util.Set;
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

  @ArchTest
  static final ArchRule mathematicsNetworkAndSettingsKnowNoEngine =
      noClasses()
          .that()
          .resideInAnyPackage(
              "flowmatching.flow..",
              "flowmatching.unet..",
              "flowmatching.settings..",
              "flowmatching.failure..",
              "flowmatching.backend..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..");

  @ArchTest
  static final ArchRule arrowsPointOneWay =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("jobs")
          .definedBy(describe("no package", (JavaClass type) -> type.getPackageName().isEmpty()))
          .layer("work")
          .definedBy(
              "flowmatching.command..",
              "flowmatching.evaluate..",
              "flowmatching.sample..",
              "flowmatching.train..")
          .layer("means")
          .definedBy(
              "flowmatching.data..",
              "flowmatching.image..",
              "flowmatching.model..",
              "flowmatching.parallel..",
              "flowmatching.parameterserver..",
              "flowmatching.preflight..",
              "flowmatching.progress..",
              "flowmatching.report..",
              "flowmatching.storage..")
          .layer("unet")
          .definedBy("flowmatching.unet..")
          .layer("flow")
          .definedBy("flowmatching.flow..")
          .layer("base")
          .definedBy("flowmatching.backend..", "flowmatching.failure..", "flowmatching.settings..")
          .whereLayer("jobs")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("work")
          .mayOnlyBeAccessedByLayers("jobs")
          .whereLayer("means")
          .mayOnlyBeAccessedByLayers("jobs", "work")
          .whereLayer("unet")
          .mayOnlyBeAccessedByLayers("jobs", "work", "means")
          .whereLayer("flow")
          .mayOnlyBeAccessedByLayers("jobs", "work", "means", "unet")
          .whereLayer("base")
          .mayNotAccessAnyLayer()
          .ensureAllClassesAreContainedInArchitecture();

  @ArchTest
  static final ArchRule packagesAreFreeOfCycles =
      slices().matching("flowmatching.(*)..").should().beFreeOfCycles();

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
