import type { ChatParameters } from '@weft/client'
import type { AutoChoice, NotInvoked } from '@weft/protocol'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { expressionUnquoted, noPrompt } from '../../errors.ts'
import { MadeCalls } from '../../functions/made-calls.ts'
import { offeredFunctions } from '../../functions/offered-functions.ts'
import { pipedText } from '../../input/input-file.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { above, real, seedNumber, whole } from '../../numbers.ts'
import { outputOf } from '../../output/output.ts'
import { choiceLines } from './auto-choice.ts'
import { notInvokedLine } from './not-invoked.ts'
import { usualSampling, withUnsaid } from './unsaid-sampling.ts'

interface Options extends Connection {
  chat?: boolean
  system?: string
  tools?: string
  toolChoice?: string
  maxTokens?: number
  temperature?: number
  topP?: number
  topK?: number
  stop?: string[]
  seed?: number
}

const choices = ['auto', 'none', 'required'] as const

/** OpenAI's choice: a word of its own, or the name of a function. */
const choiceOf = (choice: string | undefined): Pick<ChatParameters, 'toolChoice'> => {
  if (choice === undefined) return {}
  const word = choices.find((each) => each === choice)
  return { toolChoice: word ?? { type: 'function', function: { name: choice } } }
}

export const run = (): Command =>
  connected(new Command('run'))
    .description('compose adapters for one request and stream the answer')
    .argument('<expression>', 'base, a route, or an expression: "base + 0.5*style/speech"')
    .argument('[prompt]', 'text to continue; read from stdin when absent')
    .option('--chat', 'send the prompt as a chat message')
    .option('--system <text>', 'a system message before it (with --chat)')
    .option('--tools <file>', "functions that the answer may call (with --chat): a JSON list of OpenAI's tools, or a training file whose rows have them")
    .option('--tool-choice <choice>', 'auto, none, required, or the name of the one that has to be called (with --tools; default: auto)')
    .option('--max-tokens <n>', `most tokens to answer with (default: what the route says, else ${usualSampling.maxTokens})`, whole(1))
    .option('--temperature <t>', `0 always takes the likeliest token (default: what the route says, else ${usualSampling.temperature})`, real(0, 2))
    .option('--top-p <p>', 'likeliest tokens that make up this probability', above(0, 1))
    .option('--top-k <k>', 'so many likeliest tokens', whole(0))
    .option('--stop <text...>', 'texts that end the answer')
    .option('--seed <n>', 'same seed, same answer', seedNumber)
    .addHelpText('after', '\nExample:\n  npx weft run "base + style/speech + 0.5*style/whale" "The sea"')
    .action(async (expression: string, prompt: string | undefined, options: Options, command: Command) => {
      if (!options.chat) refuseUnread(command, ['system', 'tools', 'toolChoice'], { without: '--chat' })
      if (options.tools === undefined) refuseUnread(command, ['toolChoice'], { without: '--tools' })
      if (prompt === '+') throw expressionUnquoted()
      const text = prompt ?? (process.stdin.isTTY ? undefined : pipedText())
      // A text may be continued from nothing, where rows stand before it; a chat is answered for what somebody said.
      if (text === undefined || (options.chat && prompt === undefined && text === '')) throw noPrompt()
      const functions = options.tools === undefined ? {} : { tools: offeredFunctions(options.tools), ...choiceOf(options.toolChoice) }
      const weft = clientOf(options)
      const sampling = {
        model: expression,
        ...(await withUnsaid(weft, expression, options)),
        ...(options.topP === undefined ? {} : { topP: options.topP }),
        ...(options.topK === undefined ? {} : { topK: options.topK }),
        ...(options.stop ? { stop: options.stop } : {}),
        ...(options.seed === undefined ? {} : { seed: options.seed }),
      }
      const messages = [...(options.system ? [{ role: 'system' as const, content: options.system }] : []), { role: 'user' as const, content: text }]
      if (options.json) {
        const answer = options.chat
          ? await weft.chat.create({ ...sampling, messages, ...functions })
          : await weft.completions.create({ ...sampling, prompt: text })
        outputOf(options).result(answer, () => '')
        return
      }
      let isSaid = false
      const say = (auto: AutoChoice | undefined): void => {
        if (auto && !isSaid) outputOf(options).note(choiceLines(auto).join('\n'))
        isSaid = true
      }
      let said = ''
      const calls = new MadeCalls()
      let missing: NotInvoked | undefined
      let ended: string | null | undefined
      const stop = new AbortController()
      process.once('SIGINT', () => stop.abort())
      try {
        if (options.chat)
          for await (const { choices, auto } of weft.chat.stream({ ...sampling, messages, ...functions }, stop)) {
            say(auto)
            const { content, toolCalls } = choices[0]?.delta ?? {}
            process.stdout.write(content ?? '')
            said += content ?? ''
            calls.add(toolCalls)
            missing = choices[0]?.notInvoked ?? missing
            ended = choices[0]?.finishReason ?? ended
          }
        else
          for await (const { choices, auto } of weft.completions.stream({ ...sampling, prompt: text }, stop)) {
            say(auto)
            process.stdout.write(choices[0]?.text ?? '')
            missing = choices[0]?.notInvoked ?? missing
          }
      } catch (error) {
        if (!stop.signal.aborted) throw error
        process.exitCode = 1
      }
      process.stdout.write([...(said === '' && calls.lines.length > 0 ? [] : ['']), ...calls.lines, ''].join('\n'))
      // A call that broke off is none, and of one that has to be made nothing may be left to see.
      if (options.tools !== undefined && ended === 'length')
        outputOf(options).note('The answer was cut off at its most tokens; --max-tokens lets it be longer.')
      if (missing) outputOf(options).note(notInvokedLine(missing, options.chat ? 'chat' : 'text'))
    })
