/** Legible on a light page and on a dark one. */
export const grey = '#757c86'
const colours = ['#7c5cff', '#d9772f', '#1f9e89', '#d6568f', '#3b8fd9', '#a08a1f']

export const colourOf = (series: number): string => colours[series % colours.length]

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

export const text = (x: number, y: number, words: string, more = ''): string => `<text x="${r(x)}" y="${r(y)}"${more && ` ${more}`}>${escaped(words)}</text>`

/** A mark of a shape of its own, so that series are told apart without colours. */
export const marker = (series: number, x: number, y: number): string => {
  const fill = `fill="${colourOf(series)}"`
  const [X, Y] = [r(x), r(y)]
  const shapes = [
    `<circle cx="${X}" cy="${Y}" r="5" ${fill}/>`,
    `<rect x="${r(x - 4.5)}" y="${r(y - 4.5)}" width="9" height="9" ${fill}/>`,
    `<path d="M${X} ${r(y - 6)}l6 10.5h-12z" ${fill}/>`,
    `<path d="M${X} ${r(y - 6.5)}l6.5 6.5l-6.5 6.5l-6.5 -6.5z" ${fill}/>`,
    `<circle cx="${X}" cy="${Y}" r="4.5" fill="none" stroke="${colourOf(series)}" stroke-width="2.5"/>`,
    `<path d="M${X} ${r(y + 6)}l6 -10.5h-12z" ${fill}/>`,
  ]
  return shapes[series % shapes.length]
}

/** @param title what a reader who does not see the picture is told */
export const picture = (width: number, height: number, title: string, parts: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="14" fill="${grey}">`,
    ...parts.map((part) => `  ${part}`),
    '</svg>',
    '',
  ].join('\n')

/** A coordinate with a tenth of a pixel: pictures are compared as text. */
export const r = (value: number): string => String(Math.round(value * 10) / 10)
