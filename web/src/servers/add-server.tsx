import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { buttonClass } from "../ui/button";

export function AddServer() {
  return (
    <Link to="/servers/new" search={{}} className={buttonClass("primary")}>
      <Plus aria-hidden className="size-4" />
      Add server
    </Link>
  );
}
