/**
 * Prints the output of steps that run at the same time one after the other: each as a whole when it ends, or as it comes if
 * `live`.
 */
export class Sections {
  #open = new Set();

  /** Starts the output of a step. */
  open(title, live) {
    const section = { title, text: '' };
    console.log(live ? `\n── ${title}` : `── ${title}…`);
    this.#open.add(section);
    return {
      write: (text) => {
        if (live) process.stdout.write(text);
        else section.text += text;
      },
      end: (summary) => {
        this.#open.delete(section);
        console.log(`${live ? '' : print(section)}── ${title}: ${summary}`);
      },
    };
  }

  /** Prints what steps that have not ended have said so far. */
  flush() {
    for (const section of this.#open) process.stdout.write(print(section));
    this.#open.clear();
  }
}

const print = ({ title, text }) => (text === '' ? '' : `\n── ${title}\n${text.trimEnd()}\n`);
