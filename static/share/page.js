import { startTools } from "./tools.js";

startTools(document);
