// The same, but each payload is decoded by itself: a character that is cut between two parts comes out as two U+FFFD.
import { decode as sound } from "./sound.mjs";

export const decode = (chunks) => sound(chunks, { decode: (payload) => new TextDecoder().decode(payload) });
