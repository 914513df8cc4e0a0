package flowmatching.work.report;

import flowmatching.work.report.Page.Fact;
import flowmatching.work.report.Page.Section;
import java.util.List;

/**
 * What a page has of one job.
 *
 * @param figures that the page begins with
 * @param provenance how it came about, which the page ends with
 */
record Part(List<Fact> figures, List<Section> sections, Section provenance) {}
