/** Whether a text is a URL that is asked over HTTP. */
export const isHttpUrl = (url: string): boolean => URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol)
