// base is the path under which patchbay is served, without a slash at its end.
export const base: string = document.querySelector<HTMLMetaElement>('meta[name="base"]')?.content ?? "";
