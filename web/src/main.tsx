import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { onSignedOut } from "./api/client";
import { APIError } from "./api/errors";
import "./index.css";
import { base } from "./lib/base";
import { followTheme } from "./lib/theme";
import { makeRouter } from "./router";

// Dialogs stop the page behind them from scrolling by a style of their own, which the
// page's policy allows with this nonce.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content;
if (nonce) setNonce(nonce);

const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 60_000, // events say what changed
      retry: (failures, error) => failures < 2 && error instanceof APIError && (error.status === 0 || error.status === 503),
      refetchOnWindowFocus: false,
    },
    mutations: { retry: false, networkMode: "always" },
  },
});

const outside = ["/login", "/register", "/setup", "/oauth/done"];

onSignedOut(() => {
  const here = location.pathname.slice(base.length) || "/";
  if (outside.includes(here)) return;
  location.replace(`${base}/login?next=${encodeURIComponent(base + here + location.search)}`);
});

followTheme();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={cache}>
        <RouterProvider router={makeRouter(cache)} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
