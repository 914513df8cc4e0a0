package flowmatching.work.sample;

import flowmatching.Norms;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Precision;
import flowmatching.flow.CountedVelocity;
import flowmatching.flow.DormandPrince;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.flow.RungeKutta;
import flowmatching.flow.Solver;
import flowmatching.flow.VelocityField;
import flowmatching.means.model.Model;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.storage.Folder;
import flowmatching.network.Network;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.dl4j.UNet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

/**
 * Prints the evaluations of each solver for a trained network, and the distance of its images from
 * the solution of 1,000 midpoint steps (root mean square over all values, which are -1 to 1):
 * {@code mvn test -Dtest=SolverTable -Dmodel=FOLDER}. It asserts nothing, and no build runs it;
 * README.md has its table.
 */
class SolverTable {
  private static final int IMAGES = 64;

  private static Map<String, Solver> solvers() {
    Map<String, Solver> solvers = new LinkedHashMap<>();
    fixed(solvers, "euler", RungeKutta.EULER, 10, 25, 50, 100, 200);
    fixed(solvers, "midpoint", RungeKutta.MIDPOINT, 5, 12, 25, 50);
    fixed(solvers, "heun", RungeKutta.HEUN, 5, 12, 25, 50);
    fixed(solvers, "rk4", RungeKutta.RK4, 3, 6, 12, 25);
    for (double tolerance : new double[] {1e-2, 1e-3, 1e-4, 1e-5}) {
      solvers.put("dopri5 | tolerance " + tolerance, new DormandPrince(tolerance, tolerance));
    }
    return solvers;
  }

  private static void fixed(
      Map<String, Solver> solvers, String name, RungeKutta method, int... steps) {
    for (int count : steps) {
      solvers.put(name + " | " + count + " steps", method.on(RungeKutta.equalSteps(count)));
    }
  }

  @Test
  void print() {
    NumericIdentity.useBest(Precision.AUTO);
    String folder = System.getProperty("model", "runs/quickstart/model");
    Model model = ModelFolder.read(Folder.of(folder, new Configuration()));
    try (Network network =
        UNet.create(
            model.settings(), Precision.FLOAT32, Runtime.getRuntime().availableProcessors())) {
      network.assign(model.parameters());
      VelocityField field = network.field();
      ImageBatch noise = noise(model.settings().image());
      ImageBatch exact = RungeKutta.MIDPOINT.on(RungeKutta.equalSteps(1000)).solve(field, noise);
      System.out.println("| solver | | evaluations | distance |\n|---|---|---|---|");
      solvers()
          .forEach(
              (name, solver) -> {
                CountedVelocity velocity = new CountedVelocity(field);
                float[] end = solver.solve(velocity, noise).values();
                double distance =
                    Norms.distance(end, exact.values()) / Math.sqrt((double) end.length);
                System.out.printf("| %s | %d | %.5f |%n", name, velocity.evaluations(), distance);
              });
    }
  }

  private static ImageBatch noise(ImageShape shape) {
    ImageBatch noise = ImageBatch.zeros(shape, IMAGES);
    for (int id = 0; id < IMAGES; id++) {
      new RandomStream(1, Purpose.SAMPLE_NOISE, 0, id)
          .normals(noise.values(), id * shape.values(), shape.values());
    }
    return noise;
  }
}
