export function shown(value: any): string {
  switch (kindOf(value)) {
    case "list":
      return joined(value);
    case "money":
      return amount(value);
    default:
      return titled(value);
  }
}

function kindOf(value: any): string {
  return Array.isArray(value) ? "list" : typeof value === "number" ? "money" : "other";
}

function joined(values: any[]): string {
  return values.map(shown).join(", ");
}

function amount(cents: number): string {
  return (cents / 100).toFixed(2);
}

function titled(thing: any): string {
  return capital(thing.title);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

export function report(rows: any[]): string {
  const title = heading(rows);
  return line(title);
}

export function footer(rows: any[]): string {
  const title = heading(rows);
  return framed(title);
}

function heading(rows: any[]): string {
  return rows.length > 0 ? `Rows: ${rows.length}` : "Nothing";
}

function line(title: string): string {
  return underlined(title);
}

function framed(title: string): string {
  const text = document(title);
  return underlined(text);
}

function document(title: string): any {
  return title.match(/[A-Z].*/)?.[0];
}

function underlined(title: string): string {
  return title.padEnd(20, "-");
}
