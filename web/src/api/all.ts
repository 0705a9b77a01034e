// Makes every operation known. What stands around the pages of those who are signed in
// imports it, so that the login page need not load it.
import { know } from "./client";
import { routes } from "./routes";

know(routes);
