/** What was measured on two shared cores, and the command that prints it: everything else on the page is arithmetic over these. */
export interface Measured {
  what: string
  value: number
  unit: string
  command: string
}

const ofServing = 'npx node test/acceptance/llama-speed.ts --llama /tmp/llama --model FILE.gguf --tokens 48 --runs 1'

/** SmolLM2-135M-Instruct where a model is meant. */
export const measured = {
  promptMs: { what: 'a prompt of 110 tokens, int4, one thread', value: 256, unit: 'CPU ms', command: ofServing },
  tokenMs: { what: 'a token, int4, a batch of 8', value: 6.9, unit: 'CPU ms', command: ofServing },
  composedRatio: {
    what: 'CPU time of bare requests over that of composed ones, 64 prefixes at once',
    value: 0.95,
    unit: '',
    command: 'npx weft bench mix --model DIR --rows 64 --kind prefix --json',
  },
  missMs: {
    what: 'what a composition that nobody has seen adds to the first token',
    value: 283,
    unit: 'ms',
    command: 'npx weft bench run --model DIR --composition bench/a --requests 4 --tokens 128 --json',
  },
  edgeMs: { what: 'a request at the edge, workerd with its local stores', value: 6.1, unit: 'CPU ms', command: 'npx weft bench edge --json' },
} satisfies Record<string, Measured>
