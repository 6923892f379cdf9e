import { MultiBar, type SingleBar } from 'cli-progress'
import { duration } from '../output/output.ts'

/** How far one piece of work has come. */
export interface Step {
  step: number
  totalSteps: number
  loss?: number | null | undefined
  etaS?: number | null | undefined
  /** Before a step, what is done first is done as far as this, of 1. */
  preparing?: number | undefined
  /** All steps are taken, and what they came to is being measured, for which nobody knows the time. */
  measuring?: boolean
  /** Rows that were read for it, of about so many: each of them several times, by the adapter and by what it is compared with. */
  rows?: number
  totalRows?: number
}

/** One line of progress among several. */
export interface Line {
  update(step: Step): void
  /** Ends it with a word: "done", "failed". */
  end(word: string): void
}

/** Progress of several pieces of work at once: bars on a terminal, a line now and then elsewhere, nothing when silent. */
export interface Progress {
  line(name: string): Line
  /** Says something above the bars. */
  say(text: string): void
  stop(): void
}

const described = ({ loss, etaS, preparing, measuring, rows, totalRows }: Step): string =>
  [
    loss === null || loss === undefined ? '' : `loss ${loss.toFixed(3)}`,
    preparing !== undefined
      ? `preparing, ${Math.round(100 * preparing)} %`
      : measuring
        ? `measuring how good it is${totalRows ? `, ${Math.floor((100 * (rows ?? 0)) / totalRows)} %` : ''}`
        : etaS === null || etaS === undefined
          ? ''
          : `${duration(etaS)} left`,
  ]
    .filter(Boolean)
    .join('  ')

export const progressOf = ({ silent = false, stream = process.stderr }: { silent?: boolean; stream?: NodeJS.WriteStream } = {}): Progress =>
  silent ? none : stream.isTTY ? bars(stream) : lines(stream)

const none: Progress = { line: () => ({ update() {}, end() {} }), say() {}, stop() {} }

const bars = (stream: NodeJS.WriteStream): Progress => {
  let multi: MultiBar | undefined
  const open = (): MultiBar =>
    (multi ??= new MultiBar({
      stream,
      hideCursor: true,
      clearOnComplete: false,
      fps: 5,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      format: '  {name} {bar} {value}/{total}  {text}',
      emptyOnZero: true,
    }))
  return {
    line(name) {
      let bar: SingleBar | undefined
      const draw = (step: Step, text: string): void => {
        bar ??= open().create(step.totalSteps, 0, { name: name.padEnd(14), text })
        bar.setTotal(Math.max(1, step.totalSteps))
        bar.update(step.step, { text })
      }
      let last: Step = { step: 0, totalSteps: 1 }
      return {
        update: (step) => draw((last = step), described(step)),
        end: (word) => draw(last, [described({ ...last, etaS: undefined, preparing: undefined, measuring: false }), word].filter(Boolean).join('  ')),
      }
    },
    say(text) {
      if (multi) multi.log(`${text}\n`)
      else stream.write(`${text}\n`)
    },
    stop() {
      multi?.stop()
      multi = undefined
    },
  }
}

/** A line at every tenth of the way: what a log can hold. */
const lines = (stream: NodeJS.WriteStream): Progress => {
  const say = (text: string): void => {
    stream.write(`${text}\n`)
  }
  return {
    line(name) {
      let tenth = -1
      return {
        update(step) {
          // Measuring comes after the last tenth, and after a step that was the last since it stopped early; it is told at every quarter. So is
          // what comes before a step, which takes no tenth.
          const reached = step.measuring
            ? 10 + Math.floor((4 * (step.rows ?? 0)) / (step.totalRows || 1))
            : Math.floor((10 * step.step) / Math.max(1, step.totalSteps)) + Math.floor(4 * (step.preparing ?? 0)) / 8
          if (reached > tenth) say(`  ${name}: step ${step.step}/${step.totalSteps}  ${described(step)}`.trimEnd())
          tenth = Math.max(tenth, reached)
        },
        end: (word) => say(`  ${name}: ${word}`),
      }
    },
    say,
    stop() {},
  }
}
