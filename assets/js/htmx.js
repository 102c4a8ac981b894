// htmx in its own file: pages that do not need it can be read before it comes.
import htmx from "htmx.org";

window.htmx = htmx;
