import { useSuspenseQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { me } from "../api/me";
import { Banner } from "../ui/feedback";
import { Page } from "../ui/page";

/** OnlyAdmins says why a page of the administration stays shut. The API decides; this explains. */
export function OnlyAdmins({ title, children }: { title: string; children: ReactNode }) {
  const { data: user } = useSuspenseQuery(me);
  if (user.role === "ADMIN") return children;
  return (
    <Page title={title}>
      <Banner tone="warning">This page needs the role ADMIN. Ask an administrator to look, or to give you the role.</Banner>
    </Page>
  );
}
