import { useRouter } from "@tanstack/react-router";
import { messageOf } from "../api/errors";
import { Button } from "../ui/button";
import { Page } from "../ui/page";

// A page whose code is not there any more: patchbay was upgraded while this tab was open.
const gone = /dynamically imported module|module script failed|error loading dynamically/i;

/** Crashed takes the place of a page that failed; the rest of the window stays. */
export function Crashed({ error }: { error: unknown }) {
  const router = useRouter();
  const message = messageOf(error);
  if (gone.test(message)) {
    return (
      <Page title="A new version is available">
        <p>patchbay was upgraded while this page was open.</p>
        <div>
          <Button look="primary" onClick={() => location.reload()}>
            Reload
          </Button>
        </div>
      </Page>
    );
  }
  const details = error instanceof Error ? (error.stack ?? message) : message;
  return (
    <Page title="This page failed">
      <p className="text-sm">{message}</p>
      <div>
        <Button look="primary" onClick={() => router.invalidate()}>
          Try again
        </Button>
      </div>
      <details className="text-sm">
        <summary className="w-fit">Details</summary>
        <pre className="mt-2 overflow-auto rounded-lg bg-sunken p-3 text-xs">{details}</pre>
      </details>
    </Page>
  );
}
