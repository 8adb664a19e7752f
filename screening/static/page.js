// What script adds to pages that work without it: focus on errors, filters that act at once, one submit per form, keys.
import { watchFilters } from "./filters.js";
import { watchKeys } from "./keys.js";
import { watchForms } from "./forms.js";
import { watchMarks } from "./marks.js";
import { watchProgress } from "./progress.js";
import { watchLeaving, watchRegistration } from "./registration.js";
import { watchSelection } from "./selection.js";
import { watchSeen } from "./seen.js";
import { watchTicks } from "./ticks.js";

watchFilters(document);
watchKeys(document);
watchForms(document);
watchTicks(document);
watchSelection(document);
watchSeen(document);
watchMarks(document);
watchRegistration(document);
watchLeaving(document);
watchProgress(document);

const summary = document.querySelector("[data-focus]");
if (summary) {
  summary.focus();
}
