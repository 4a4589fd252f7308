import ArgumentParser

/// How what is printed looks, and what its tables count.
struct FormOptions: ParsableArguments {
    @Option(
        name: .long, help: "Columns of what is printed, 72 to 200; without, the terminal's (72 to 120), else 80.")
    var width: Int?

    @Flag(name: .long, help: "Nothing but ASCII: bars of #, a ? for every other character of a name.")
    var ascii = false

    @Option(
        name: .customLong("color"),
        help: ArgumentHelp(
            "Colours for how severe a finding is: auto (on a terminal), always, never; NO_COLOR is heeded.",
            valueName: "when"))
    var colour = "auto"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What tables of messages count: raw (packets), unique (each message once), edge (what users saw).",
            valueName: "what"))
    var count = "unique"

    var counting: Counting { Counting(rawValue: self.count) ?? .unique }

    func validate() throws {
        if Counting(rawValue: self.count) == nil {
            throw ValidationError("--count \(self.count): raw, unique or edge")
        }
        if let width, !PageForm.widths.contains(width) {
            throw ValidationError(
                "--width \(width): \(PageForm.widths.lowerBound) to \(PageForm.widths.upperBound) columns")
        }
        if PageForm.Colour(rawValue: self.colour) == nil {
            throw ValidationError("--color: auto, always or never is expected, here is \"\(self.colour)\"")
        }
    }

    /// - Parameter terminal: what standard output is.
    func form(_ terminal: PageForm.Terminal) -> PageForm {
        PageForm(
            width: self.width, isASCII: self.ascii, colour: PageForm.Colour(rawValue: self.colour) ?? .auto,
            terminal: terminal)
    }
}
