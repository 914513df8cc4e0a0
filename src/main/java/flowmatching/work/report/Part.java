package flowmatching.work.report;

import flowmatching.work.report.Page.Fact;
import flowmatching.work.report.Page.Section;
import java.util.List;

/**
 * The page's part about one job.
 *
 * @param figures at the top of the page
 * @param provenance at the end of the page
 */
record Part(List<Fact> figures, List<Section> sections, Section provenance) {}
