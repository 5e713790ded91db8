// Starts the engine in its worker.
import { program } from "./program.js";
import start from "./worker.js";

await start(await program(new URL("worker.lzma", import.meta.url)));
