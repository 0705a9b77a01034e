import { Link } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import { buttonClass } from "../ui/button";
import { Empty } from "../ui/feedback";
import { Page } from "../ui/page";

export function NotFound() {
  return (
    <Page title="Nothing here">
      <Empty
        icon={SearchX}
        title="There is no page at this address."
        action={
          <Link to="/servers" className={buttonClass("primary")}>
            Go to MCP servers
          </Link>
        }
      />
    </Page>
  );
}

/** Nowhere is NotFound outside of the shell. */
export function Nowhere() {
  return (
    <main>
      <NotFound />
    </main>
  );
}
