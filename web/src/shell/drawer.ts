import { createContext, useContext } from "react";

/** DrawerContext opens the navigation of a phone. */
export const DrawerContext = createContext<() => void>(() => undefined);

export const useDrawer = (): (() => void) => useContext(DrawerContext);
