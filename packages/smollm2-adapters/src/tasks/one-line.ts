import { type Draw, rowsOf } from './draw.ts'
import type { Question, QuestionTask } from './task.ts'

const system = 'Answer from the note, in a few words on one line.'

const people = ['Anna Weber', 'Ben Okoye', 'Clara Diaz', 'David Lund', 'Emma Novak', 'Felix Moreau', 'Grace Tan', 'Hugo Silva', 'Ida Berg', 'Omar Haddad']
const things = ['printer', 'projector', 'coffee machine', 'lift', 'heater', 'scanner', 'front door', 'washing machine', 'router', 'lamp']
const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const places = ['Lisbon', 'Oslo', 'Kyoto', 'Nairobi', 'Vienna', 'Lima', 'Dublin', 'Tallinn', 'Porto', 'Quito']
const colors = ['red', 'green', 'blue', 'black', 'white', 'yellow', 'grey', 'brown']

/** A note and what can be asked of it, each with its answer. */
type Note = readonly [text: string, ...questions: (readonly [asked: string, answer: string])[]]

const clock = (draw: Draw): string => `${draw.whole(8, 19)}:${draw.of(['00', '15', '30', '45'])}`

const notes: ((draw: Draw) => Note)[] = [
  (draw) => {
    const [who, thing, room, day] = [draw.of(people), draw.of(things), String(draw.whole(100, 399)), draw.of(days)]
    return [
      `${who} called about the ${thing} in room ${room}. It has not worked since ${day}.`,
      ['Who called?', who],
      ['What does not work?', `The ${thing}`],
      ['Which room is it?', room],
      ['Since when does it not work?', day],
    ]
  },
  (draw) => {
    const [who, place, day, time] = [draw.of(people), draw.of(places), draw.of(days), clock(draw)]
    return [
      `The train to ${place} leaves on ${day} at ${time}. ${who} has the tickets.`,
      ['Where does the train go?', place],
      ['On which day does the train leave?', day],
      ['At what time does the train leave?', time],
      ['Who has the tickets?', who],
    ]
  },
  (draw) => {
    const [who, count, color, price] = [draw.of(people), String(draw.whole(2, 60)), draw.of(colors), String(draw.whole(5, 90))]
    return [
      `${who} ordered ${count} ${color} chairs for ${price} euros each. They come by lorry.`,
      ['Who placed the order?', who],
      ['How many chairs were ordered?', count],
      ['Which color do the chairs have?', color],
      ['What does one chair cost?', `${price} euros`],
    ]
  },
  (draw) => {
    const [who, place, day, color] = [draw.of(people), draw.of(places), draw.of(days), draw.of(colors)]
    return [
      `Lost on ${day}: a ${color} umbrella, on the way from the airport of ${place}. Please write to ${who}.`,
      ['When was it lost?', day],
      ['What color is the umbrella?', color],
      ['Which airport is named?', place],
      ['Who should be written to?', who],
    ]
  },
]

/** Notes of which none is learned. */
const unseenNotes: ((draw: Draw) => Note)[] = [
  (draw) => {
    const [who, place, room, time] = [draw.of(people), draw.of(places), String(draw.whole(100, 399)), clock(draw)]
    return [
      `Our guest ${who} flies in from ${place} and speaks at ${time} in hall ${room}. Lunch follows.`,
      ['Who is the guest?', who],
      ['Where does the guest come from?', place],
      ['In which hall is the talk?', room],
      ['When does the talk begin?', time],
    ]
  },
  (draw) => {
    const [who, thing, color, day] = [draw.of(people), draw.of(things), draw.of(colors), draw.of(days)]
    return [
      `The key for the ${thing} hangs on the ${color} hook. ${who} takes it home every ${day}.`,
      ['What is the key for?', `The ${thing}`],
      ['On which hook does the key hang?', color],
      ['Who takes the key home?', who],
      ['On which day is the key taken home?', day],
    ]
  },
]

const asking =
  (note: (draw: Draw) => Note) =>
  (draw: Draw): Question => {
    const [text, ...questions] = note(draw)
    const [asked, answer] = draw.of(questions)
    return { system, user: `${text}\n${asked}`, completion: answer, answer }
  }

/** Words of an answer at most. */
const WORDS = 5

/** An instruction supplement: the base model is told to answer briefly and tells a story; with the adapter it does as it is told. */
export const oneLine = (heldOut: number): QuestionTask => {
  const training = rowsOf(notes.map(asking), 480, 'notes/training')
  return {
    kind: 'questions',
    name: 'supplement/one-line',
    method: 'prefix-tuning',
    config: { numVirtualTokens: 8, prefixInit: 'vocab' },
    hyperparameters: { maxSteps: 60, batchSize: 4, learningRate: 1e-2 },
    training,
    heldOut: {
      'new values': rowsOf(notes.map(asking), heldOut, 'notes/held-out', training),
      'new notes': rowsOf(unseenNotes.map(asking), heldOut, 'notes/unseen'),
    },
    prompts: {
      'the same instruction': {},
      'a longer instruction': {
        system: 'Answer the question from the note. Write only the answer itself, in at most five words, on one line. Write no sentence and no explanation.',
      },
      'the same and three examples': { examples: training.slice(0, 3) },
    },
    maxTokens: 48,
    keepsForm: (text) => !text.trim().includes('\n') && text.trim().split(/\s+/).length <= WORDS,
    says: (text, answer) => text.toLowerCase().includes(answer.toLowerCase()),
  }
}
