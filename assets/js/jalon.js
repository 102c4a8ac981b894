import { Button, ErrorSummary, NotificationBanner, SkipLink } from "govuk-frontend";
import { closeMenusOutside } from "./menus.js";
import { enterGoesToNextField } from "./enter_next.js";
import { askBeforeSigningOut } from "./entry/sign_out.js";
import { forgetOldCopies } from "./entry/copies.js";
import { sendFromIndex } from "./entry/index.js";
import { showLeftovers } from "./entry/leftovers.js";
import { startEntryForms } from "./entry/form.js";
import { filterRows } from "./row_filter.js";
import { openDetailsForPrint } from "./print_details.js";
import { moveOnTileMaps } from "./tile_map.js";
import { countSelections } from "./selection.js";
import { openWordsForStances } from "./stances.js";
import { guardUnsavedChanges } from "./unsaved_changes.js";

// govuk-frontend starts its components only where this class says it may.
document.body.classList.add("js-enabled", "govuk-frontend-supported");

const components = {
  "govuk-button": Button,
  "govuk-error-summary": ErrorSummary,
  "govuk-notification-banner": NotificationBanner,
  "govuk-skip-link": SkipLink,
};

for (const [name, Component] of Object.entries(components)) {
  for (const element of document.querySelectorAll(`[data-module="${name}"]`)) {
    new Component(element);
  }
}

forgetOldCopies();
askBeforeSigningOut(document);
closeMenusOutside(document);
enterGoesToNextField(document);
filterRows(document);
guardUnsavedChanges(document);
showLeftovers(document);
startEntryForms(document);
sendFromIndex(document);
moveOnTileMaps(document);
openWordsForStances(document);
openDetailsForPrint(window);
countSelections(document);
