import SIPKit
import SIPTrace

/// The whole screen, free of any terminal: what was captured, the views that lie over one another, and what keys do.
///
/// Give it messages and keys, ask it for a ``Canvas``. A test does just that.
final class Screen {
    /// What the first line tells about the input.
    struct Input {
        var name: String
        var isLive: Bool
        var match: String?
        var captureFilter: String?
    }

    /// How the capture is doing.
    struct Health {
        var counts = TraceCounts()
        var drops = LiveCapture.Drops()
        /// Messages and packets in the last second, for live input.
        var messageRate = 0
        var packetRate = 0
        var hasEnded = false
        var notes: [String] = []
    }

    let input: Input
    let store: CallStore
    let media: MediaTracker
    let correlators: [String]
    var health = Health()
    var filter = ScreenFilter()
    var options = ScreenOptions()
    var isPaused = false
    /// What was looked for last, and whether the list has still to go there; columns that a dialog chose.
    var searchText = ""
    var wantsSearch = false
    var chosenColumns: [CallColumn]?
    /// A line that stands at the bottom until the next key.
    var message = ""
    private(set) var isDone = false
    private(set) var height = 24
    private(set) var width = 80
    private var views: [any ScreenView]
    private var detector = Detector(Set(Alert.Kind.allCases))
    private var scores: [[UInt8]: Double] = [:]
    private var pictures = 0

    init(_ input: Input, store: CallStore, media: MediaTracker, correlators: [String] = []) {
        self.input = input
        self.store = store
        self.media = media
        self.correlators = correlators
        self.views = [CallListView()]
    }

    func take(_ origin: MessageOrigin, _ message: Span<UInt8>, isWanted: Bool) {
        guard !self.isPaused else { return }
        self.media.learn(message, origin)
        self.detector.take(origin, message)
        self.store.take(origin, message, isWanted: isWanted)
    }

    /// The worst opinion score among a call's streams, as of a moment ago: it is asked for each row of each picture.
    func worstScore(_ call: Int) -> Double? { self.scores[Array(self.store.tracker.callID(call))] }

    func streams(of callID: ArraySlice<UInt8>) -> [RTPStream] {
        self.media.streams.filter { self.media.callID($0) == callID }
    }

    private func refreshScores() {
        self.pictures += 1
        guard self.pictures % 16 == 1 else { return }
        self.scores = [:]
        for stream in self.media.streams {
            guard let mos = self.media.quality(stream)?.mos else { continue }
            let callID = Array(self.media.callID(stream))
            self.scores[callID] = Swift.min(self.scores[callID] ?? mos, mos)
        }
    }

    var alerts: [Alert] { self.detector.alerts }

    func handle(_ key: Key) {
        guard key != .resize, !self.views.isEmpty else { return }
        self.message = ""
        var view = self.views.removeLast()
        let step = view.handle(key, self)
        self.views.append(view)
        switch step {
        case .stay: break
        case .open(let next): self.views.append(next)
        case .close: self.close()
        case .closeSaying(let text):
            self.close()
            self.message = text
        case .quit: self.isDone = true
        }
    }

    private func close() {
        self.views.removeLast()
        if self.views.isEmpty { self.isDone = true }
    }

    func clear() {
        self.store.clear()
        self.message = "cleared"
    }

    /// The rows between the first and the last line.
    var page: Int { Swift.max(1, self.height - 2) }

    func draw(width: Int, height: Int) -> Canvas {
        var canvas = Canvas(width: width, height: height)
        (self.width, self.height) = (canvas.width, canvas.height)
        self.refreshScores()
        guard var view = self.views.popLast() else { return canvas }
        // A dialog lies over the view that opened it.
        if view is any OverlayView, var below = self.views.popLast() {
            below.draw(&canvas, self)
            self.views.append(below)
        }
        view.draw(&canvas, self)
        self.views.append(view)
        self.drawHead(&canvas)
        let bottom = self.message.isEmpty ? view.hints : self.message
        canvas.field(canvas.height - 1, 0, canvas.width, " " + bottom, self.message.isEmpty ? .reversed : .bold)
        return canvas
    }

    private func drawHead(_ canvas: inout Canvas) {
        let state =
            self.isPaused
            ? "paused" : self.input.isLive && !self.health.hasEnded ? "live" : self.health.hasEnded ? "read" : "reading"
        var left = " sipgrep  \(Printable.text(self.input.name.utf8)) (\(state))"
        if let match = self.input.match { left += "  match \(Printable.text(match.utf8))" }
        if let filter = self.input.captureFilter { left += "  filter \(Printable.text(filter.utf8))" }
        let lost = self.health.drops.byKernel + self.health.drops.byInterface
        var right = "calls \(self.store.count)"
        if self.input.isLive { right += "  msg/s \(self.health.messageRate)" }
        right += "  lost \(lost)  mem \(self.store.bytes >> 20)M "
        canvas.field(0, 0, canvas.width, left, .reversed)
        let column = canvas.width - right.utf8.count
        if column > 12 { canvas.put(0, column, " " + right, .reversed) }
    }
}

/// A view that covers only a part of the one below.
protocol OverlayView: ScreenView {}

/// What can be switched while looking.
struct ScreenOptions: Equatable {
    enum ColorBy: String, CaseIterable {
        case request
        case callID = "call-id"
        case cseq
    }

    var colorBy = ColorBy.request
    var showsDelta = true
    var showsRaw = true
    /// Nothing of session descriptions, their first lines, or all.
    var showsSDP = false
    var showsMedia = true
    var scrollsAlong = false
}
