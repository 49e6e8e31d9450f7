export const THEME_COOKIE = 'theme';
export const NONCE_HEADER = 'x-nonce';
export type Theme = 'light' | 'dark';

/** Undefined = follow the system. */
export function readTheme(value: string | undefined): Theme | undefined {
  return value === 'light' || value === 'dark' ? value : undefined;
}

/** Switches between light and dark, from what is visible now, and remembers it for a year. */
export function toggleTheme(): void {
  const root = document.documentElement;
  const now =
    readTheme(root.dataset.theme) ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  const next: Theme = now === 'dark' ? 'light' : 'dark';
  root.dataset.theme = next;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing on plain http
  document.cookie = `${THEME_COOKIE}=${next}; path=/; max-age=31536000; samesite=lax`;
}

/** Follows the system again. */
export function clearTheme(): void {
  delete document.documentElement.dataset.theme;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing on plain http
  document.cookie = `${THEME_COOKIE}=; path=/; max-age=0; samesite=lax`;
}
