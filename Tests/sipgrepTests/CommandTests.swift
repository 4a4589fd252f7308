import Testing

@testable import sipgrep

@Suite("sipgrep's command line")
struct CommandTests {
    private func settings(_ arguments: String...) throws -> Settings {
        try SipgrepCommand.settings(from: arguments)
    }

    @Test("takes bundled letters apart as getopt does")
    func bundles() {
        #expect(ArgumentSplitter.split(["-qtW", "byline", "x"]) == ["-q", "-t", "-W", "byline", "x"])
        #expect(ArgumentSplitter.split(["-n5", "-Wbyline"]) == ["-n", "5", "-W", "byline"])
        #expect(ArgumentSplitter.split(["-I", "-", "-TT"]) == ["-I", "-", "-T", "-T"])
        #expect(ArgumentSplitter.split(["--count", "--", "-x"]) == ["--count", "--", "-x"])
    }

    @Test("takes the first word as the match and the others as the filter")
    func words() throws {
        let settings = try self.settings("bkraegelin@", "port", "5060")
        #expect(settings.match == "bkraegelin@")
        #expect(settings.captureFilter == "port 5060")
    }

    @Test("understands a filter without a match, as ngrep does")
    func filterOnly() throws {
        let settings = try self.settings("port", "5060")
        #expect(settings.match == nil)
        #expect(settings.captureFilter == "port 5060")
        let not = try self.settings("not", "port", "80")
        #expect(not.match == "not")
        #expect(not.captureFilter == "port 80")
    }

    @Test("shows deltas in the old form and no time in the others, unless asked")
    func clocks() throws {
        #expect(try self.settings("x").effectiveClock == .delta)
        #expect(try self.settings("-W", "byline", "x").effectiveClock == .none)
        #expect(try self.settings("-TT", "-W", "byline").effectiveClock == .deltaFromFirst)
        #expect(try self.settings("-t").effectiveClock == .absolute)
    }

    @Test(
        "refuses what makes no sense, and names it",
        arguments: [
            (["-W", "bylin"], "bylin"), (["-n", "0"], "-n"), (["-x", "-W", "byline"], "-x"), (["-P", "ab"], "-P"),
            (["x", "prt", "1"], "prt 1"), (["--link-as", "moon"], "moon"), (["-F", "/nonexistent"], "/nonexistent"),
        ])
    func refusals(arguments: [String], named: String) throws {
        let failure = #expect(throws: Failure.self) { try SipgrepCommand.settings(from: arguments) }
        #expect(failure?.description.contains(named) == true)
    }
}
