import { type Context, Hono } from 'hono'
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

/** `GET /`: what this is, and the lines to begin with, as text. A browser gets to the console, where there is one. */
export const welcomeRoute = ({ localKeyFile, consoleFiles }: { localKeyFile: string | undefined; consoleFiles: ConsoleFiles | undefined }) =>
  new Hono<Variables>().get('/', describeRoute({ hide: true }), (c) => {
    const { origin } = new URL(c.req.url)
    if (consoleFiles && wantsPage(c)) return c.redirect('./console')
    return c.text(`Weft\n\n${sentence}\n\n${linesOf(origin, localKeyFile).join('\n')}\n\nAll endpoints: ${origin}/openapi.json\n`)
  })

const wantsPage = (c: Context): boolean => (c.req.header('accept') ?? '').includes('text/html')
