import { kept } from '../session/kept.ts'

export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const place = 'weft-theme'
const ofBrowser = kept(() => localStorage)

/** What was chosen last; `auto` follows the system. */
export const storedTheme = (): Theme => themes.find((theme) => theme === ofBrowser.get(place)) ?? 'auto'

export const storeTheme = (theme: Theme): void => ofBrowser.set(place, theme)

/** The style sheet reads the attribute `data-theme`; without one the system decides. */
export const applyTheme = (theme: Theme): void => {
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}
