// Fetches a program. They come packed (tools/pack), a quarter smaller than gzip makes them.
import start, { unpack } from "./unpack.js";

const content = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
};

// The WebAssembly at an address, for the script that wasm-bindgen has written for it.
export const program = async (address) => {
  const [packed] = await Promise.all([content(address), start()]);
  return { module_or_path: unpack(packed) };
};
