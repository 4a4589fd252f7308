/// What is wanted of each conversation besides figures.
struct JudgeOptions: Sendable {
    /// How many calls are listed one by one.
    var maxCallLines = 10
    /// The Call-ID of a call whose ladder is wanted.
    var wantedCall: [UInt8]? = nil
    /// Whose calls are wanted, where there is none with that Call-ID.
    var wantedName: CallSearch.Name? = nil
    /// Whether the messages of that call are to be written behind it, as ngrep prints them.
    var wantsText = false
    /// How its ladder is drawn.
    var form = PageForm()
    /// What the command line says about hosts.
    var known = KnownHosts()
    /// Whether what only probes counts like everything else.
    var includesNoise = false
    /// Whether a server's log is read beside the trace (`--log`).
    var expectsLog = false
    /// Whether the trace's times are dates.
    var hasDates = true
    /// Whether ladders of examples and the number plan are wanted, for the page.
    var wantsPage = false
    /// What tables of messages count.
    var counting = Counting.unique
    /// Whether a row for each user is wanted.
    var wantsUsers = false
    var groupedBy: CallGroups.Key? = nil
    /// Whether figures are kept by the hour, for `--baseline auto`.
    var keepsHours = false
    var filter: CallFilter? = nil
    var filterText = ""
    /// Called for each call when it is over, on whichever thread judges it; never by two at a time.
    var onCall: (@Sendable (CallDetail) -> Void)? = nil

    static let laddersPerRule = 2
    static let maxLadders = 40

    var needsDetails: Bool { self.filter != nil || self.groupedBy != nil || self.onCall != nil }
}
