// A platform of any size: the example's customers again and again, under new names.
import { cpSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { example } from "./browser.mjs";

/** Writes both repositories with `count` customers into `folder`. */
export const writeFleet = (folder, count) => {
  cpSync(example, folder, { recursive: true });
  const customers = join(folder, "customer-configs/customers");
  const models = readdirSync(customers).sort();
  for (let number = models.length + 1; number <= count; number += 1) {
    const model = models[(number - 1) % models.length];
    const name = `customer-${String(number).padStart(2, "0")}`;
    cpSync(join(customers, model), join(customers, name), { recursive: true });
    for (const entry of readdirSync(join(customers, name), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath ?? entry.path, entry.name);
      writeFileSync(file, readFileSync(file, "utf8").replaceAll(model, name));
    }
  }
};
