import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { describeRoute } from 'hono-openapi'
import type { Variables } from '../../http/variables.ts'
import type { ConsoleFiles } from './console.ts'

const sentence = 'Trained prompts, stored and composed per request. The warp is a frozen model; the weft is what is woven through it.'

/** The lines to begin with. The key is read where it lies, so that it is on no screen. */
const linesOf = (origin: string, file: string | undefined): string[] => {
  const key = file === undefined ? '$WEFT_API_KEY' : `$(cat ${/^[\w./@+-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`})`
  const bearer = `-H "authorization: Bearer ${key}"`
  const json = `${bearer} -H 'content-type: application/json'`
  return [
    `curl ${origin}/health`,
    `curl ${origin}/v1/adapters ${bearer}`,
    `curl ${origin}/v1/completions ${json} -d '{"model": "base + style/speech", "prompt": "My fellow", "max_tokens": 40}'`,
    `curl ${origin}/v1/compositions/explain ${json} -d '{"model": "style/speech + 0.3*style/whale"}'`,
    `curl ${origin}/v1/files ${bearer} -F purpose=fine-tune -F file=@training.jsonl`,
  ]
}

/** `GET /`: what this is, and the lines to begin with. A browser gets to the console where there is one, and reads the same on a page where there is none. */
export const welcomeRoute = ({ localKeyFile, consoleFiles }: { localKeyFile: string | undefined; consoleFiles: ConsoleFiles | undefined }) =>
  new Hono<Variables>().get('/', describeRoute({ hide: true }), (c) => {
    const { origin } = new URL(c.req.url)
    const lines = linesOf(origin, localKeyFile)
    if (!wantsPage(c)) return c.text(`Weft\n\n${sentence}\n\n${lines.join('\n')}\n\nAll endpoints: ${origin}/openapi.json\n`)
    if (consoleFiles) return c.redirect('/console')
    return c.html(
      html`<!doctype html>
        <html lang="en">
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width" />
          <title>Weft</title>
          <style>
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark }
            pre { overflow-x: auto; padding: 1rem; border: 1px solid #8886; border-radius: 6px }
          </style>
          <h1>Weft</h1>
          <p>${sentence}</p>
          <pre>${lines.join('\n')}</pre>
          <p>All endpoints: <a href="/openapi.json">/openapi.json</a></p>
        </html>`,
    )
  })

const wantsPage = (c: Context): boolean => (c.req.header('accept') ?? '').includes('text/html')
