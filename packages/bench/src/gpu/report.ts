import { markdownTable } from '../markdown-table.ts'

/** A line of the table: what was measured, with what, and what came of it. */
export interface Line {
  section: string
  what: string
  /** Figures in the order of columns, as they are to be read. */
  figures: Readonly<Record<string, string | number>>
}

/** Collects lines and says them as they come; what fails or does not fit is a line too, never silence. */
export class Report {
  readonly lines: Line[] = []
  readonly #until: number
  readonly #say: (text: string) => void

  constructor(seconds: number, say: (text: string) => void) {
    this.#until = performance.now() + seconds * 1000
    this.#say = say
  }

  get secondsLeft(): number {
    return (this.#until - performance.now()) / 1000
  }

  add(section: string, what: string, figures: Line['figures']): void {
    this.lines.push({ section, what, figures })
    this.#say(`${section}: ${what}: ${told(figures)}`)
  }

  /** Said as it happens, and no line of the table. */
  note(text: string): void {
    this.#say(text)
  }

  skip(section: string, what: string, why: string): void {
    this.add(section, what, { skipped: why })
  }

  /** Runs a part that is expected to take `seconds`, unless that is more than is left. An error is its line. */
  async part(section: string, what: string, seconds: number, run: () => Promise<Line['figures']>): Promise<void> {
    if (seconds > this.secondsLeft) return this.skip(section, what, `${Math.ceil(seconds)} s needed, ${Math.max(0, Math.floor(this.secondsLeft))} s left`)
    try {
      this.add(section, what, await run())
    } catch (error) {
      const { code, message, stack } = error as Error & { code?: string }
      this.#say(stack ?? message)
      this.add(section, what, { failed: `${code ? `${code}: ` : ''}${message.split('\n')[0]}` })
    }
  }

  get failed(): Line[] {
    return this.lines.filter(({ figures }) => 'failed' in figures)
  }

  /** One Markdown table. */
  table(): string {
    return markdownTable(
      ['part', 'what', 'figures'],
      this.lines.map(({ section, what, figures }) => [section, what, told(figures)]),
    )
  }
}

const told = (figures: Line['figures']): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
