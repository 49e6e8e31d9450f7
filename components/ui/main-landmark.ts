/** Where menus open: inside the page's landmark, so that nobody who moves by landmarks misses them. */
export const mainLandmark = (): HTMLElement | null =>
  typeof document === 'undefined' ? null : document.getElementById('main');
