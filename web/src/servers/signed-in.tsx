import { useSearch } from "@tanstack/react-router";
import { Gate } from "../account/gate";
import { base } from "../lib/base";
import { label } from "../lib/text";
import { buttonClass } from "../ui/button";

// How a sign-in at a server's provider ended. The word is behind the # of the address.
const outcomes: Record<string, [title: string, text: string]> = {
  done: ["You are signed in", "patchbay is connecting to the server now. The page you came from goes on by itself; you can close this one."],
  denied: ["The sign-in was refused", "You, or the provider for you, said no. To try again, choose Authenticate at the server."],
  expired: ["This sign-in is over", "It took more than ten minutes, was cancelled, or was begun anew elsewhere. Choose Authenticate at the server to begin again."],
  unknown: ["There is no such sign-in", "The answer belongs to no sign-in, or was used already. If you reloaded this page after signing in, all is well."],
  person: ["This link is not for this account", "Another account began the sign-in, or this account may not use the server. Choose Authenticate at the server to begin one of your own."],
  browser: ["Begun in another browser", "A sign-in ends in the browser where it began. Go on there, or choose Authenticate at the server to begin again here."],
  login: ["You are not signed in here", "Your login at patchbay ended while you were away, or this is another browser. Sign in, then choose Authenticate at the server."],
  issuer: ["The answer cannot be trusted", "It did not come from the provider that you were sent to. Begin again; if it stays so, tell who runs the MCP server."],
  changed: ["The server was changed meanwhile", "Its definition was edited since this sign-in began. Choose Authenticate at the server to begin again."],
  refused: ["The provider did not give access", "What it said is shown at the server. Begin again; if it stays so, ask an administrator to look at the server's check."],
  unreachable: ["The provider cannot be reached", "patchbay could not ask it to complete the sign-in. Try again in a moment."],
  failed: ["The sign-in did not work", "The reason is shown at the server. Choose Authenticate there to begin again."],
};

/** SignedIn is where a sign-in leads back to. It works without a login: that may be what went wrong. */
export function SignedIn() {
  const { serverName = "" } = useSearch({ from: "/oauth/done" });
  const word = location.hash.slice(1);
  const [title, text] = outcomes[word] ?? outcomes.failed ?? ["", ""];
  return (
    <Gate title={title}>
      {serverName && <p className="foreign mb-2 text-sm text-muted">{label(serverName, 100)}</p>}
      <p className="text-sm">{text}</p>
      {word !== "done" && <p className="mt-2 text-sm">Nothing was stored.</p>}
      <a href={`${base}/${word === "login" ? "login" : "servers"}`} className={buttonClass("primary", "mt-5")}>
        {word === "login" ? "Sign in" : "Back to patchbay"}
      </a>
    </Gate>
  );
}
