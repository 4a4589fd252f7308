import SIPKit
import SIPTrace

/// One call, or several that belong together, as a ladder; beside it the message under the cursor.
struct FlowView: ScreenView {
    var hints: String {
        "Enter raw  Space compare  F2 save  F4 legs  d SDP  m media  t message  w delta  c colour  q back"
    }

    var calls: [Int]
    private var cursor = ListCursor()
    /// The message that the next one is compared with.
    private var marked: Int?

    init(calls: [Int]) { self.calls = calls }

    /// What a row of the ladder is: a message, or a stream of media.
    private enum Row {
        case message(Int)
        case stream(RTPStream)
    }

    private func rows(_ screen: Screen) -> (places: [SocketAddress], rows: [Row]) {
        let (places, messages) = screen.store.flow(self.calls)
        var rows = messages.map { Row.message($0) }
        if screen.options.showsMedia {
            for call in self.calls {
                for stream in screen.streams(of: screen.store.tracker.callID(call)) {
                    let at = rows.firstIndex { row in
                        if case .message(let index) = row {
                            return screen.store.messages[index].origin.time > stream.firstTime
                        }
                        return false
                    }
                    rows.insert(.stream(stream), at: at ?? rows.count)
                }
            }
        }
        return (places, rows)
    }

    private func message(_ screen: Screen) -> Int? {
        let rows = self.rows(screen).rows
        guard rows.indices.contains(self.cursor.selected), case .message(let index) = rows[self.cursor.selected] else {
            return nil
        }
        return index
    }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        let (_, rows) = self.rows(screen)
        if self.cursor.handle(key, count: rows.count, page: screen.page - 2) { return .stay }
        switch key {
        case .enter, .function(6), .char("r"):
            guard let message = self.message(screen) else { return .stay }
            let all = screen.store.flow(self.calls).messages
            return .open(RawView(messages: all, at: all.firstIndex(of: message) ?? 0))
        case .char(" "):
            guard let message = self.message(screen) else { return .stay }
            guard let first = self.marked, first != message else {
                self.marked = message
                screen.message = "marked; Space on another message compares the two"
                return .stay
            }
            self.marked = nil
            return .open(DiffView(left: first, right: message))
        case .function(4), .char("x"):
            guard let call = self.calls.first else { return .stay }
            self.calls = screen.store.legs(of: call, correlators: screen.correlators)
            screen.message = "\(self.calls.count) legs"
        case .function(2), .char("s"):
            return .open(SaveView(SaveScope(selected: self.calls, shown: self.calls, message: self.message(screen))))
        case .char("d"): screen.options.showsSDP.toggle()
        case .char("m"): screen.options.showsMedia.toggle()
        case .char("M"): return .open(StreamsView(calls: self.calls))
        case .char("t"): screen.options.showsRaw.toggle()
        case .char("w"): screen.options.showsDelta.toggle()
        case .char("c"):
            let all = ScreenOptions.ColorBy.allCases
            screen.options.colorBy = all[((all.firstIndex(of: screen.options.colorBy) ?? 0) + 1) % all.count]
            screen.message = "colours by \(screen.options.colorBy.rawValue)"
        case .function(1), .char("?"): return .open(HelpView())
        case .char("q"), .escape: return .close
        default: break
        }
        return .stay
    }

    /// The first column of the text, and of the lanes behind it.
    private static let timeWidth = 15

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        let (places, rows) = self.rows(screen)
        self.cursor.clamp(count: rows.count, page: screen.page - 2)
        let showsRaw = screen.options.showsRaw && canvas.width >= 110
        let width = showsRaw ? canvas.width - Swift.max(44, canvas.width * 2 / 5) : canvas.width
        let gap = places.count > 1 ? Swift.max(8, (width - Self.timeWidth - 14) / Swift.max(1, places.count - 1)) : 20
        let lanes = Swift.min(gap, 40)
        self.drawTitle(&canvas, screen, width)
        for (index, place) in places.enumerated() {
            let text = "\(place)"
            let middle = Self.timeWidth + 6 + index * lanes
            let start =
                index == 0
                ? Swift.max(1, middle - text.utf8.count / 2) : middle - Swift.min(text.utf8.count, lanes - 1) / 2
            canvas.put(2, start, text, .bold, limit: Swift.min(lanes - 1, width - start))
        }
        var previous: Int64?
        var clock = LocalClock()
        for (number, row) in rows.enumerated() {
            let time: Int64
            switch row {
            case .message(let index): time = screen.store.messages[index].origin.time
            case .stream(let stream): time = stream.firstTime
            }
            defer { previous = time }
            let line = 3 + number - self.cursor.top
            guard number >= self.cursor.top, line < canvas.height - 1 else { continue }
            let isCurrent = number == self.cursor.selected
            let stamp =
                screen.options.showsDelta && previous != nil
                ? "+" + FlowText.seconds(time - (previous ?? time), digits: 6) : FlowText.timeOfDay(time, &clock)
            canvas.put(line, Swift.max(0, Self.timeWidth - stamp.utf8.count), stamp, isCurrent ? .bold : .dim)
            for index in places.indices { canvas.put(line, Self.timeWidth + 6 + index * lanes, "|", .dim) }
            self.draw(row, line, places, lanes, isCurrent: isCurrent, &canvas, screen)
        }
        guard showsRaw, let message = self.message(screen) else { return }
        for row in 1..<canvas.height - 1 { canvas.put(row, width, "|", .dim) }
        for row in 1..<canvas.height - 1 { canvas.fill(row, width + 1, canvas.width - width - 1, .plain) }
        for (offset, line) in RawView.lines(screen.store.messages[message].bytes).prefix(
            Swift.max(0, canvas.height - 2)
        ).enumerated() {
            canvas.put(1 + offset, width + 2, line.0, line.1)
        }
    }

    private func drawTitle(_ canvas: inout Canvas, _ screen: Screen, _ width: Int) {
        guard let call = self.calls.first, screen.store.calls.indices.contains(call) else { return }
        let store = screen.store
        var title = "\(store.from(call)) -> \(store.to(call))  \(store.record(call).state.name)  \(store.callID(call))"
        if self.calls.count > 1 { title = "\(self.calls.count) legs: " + title }
        canvas.put(1, 1, title, .bold, limit: width - 2)
    }

    private func draw(
        _ row: Row, _ line: Int, _ places: [SocketAddress], _ lanes: Int, isCurrent: Bool, _ canvas: inout Canvas,
        _ screen: Screen
    ) {
        var (label, style): (String, Canvas.Style)
        let (source, destination): (SocketAddress, SocketAddress)
        var rule: Unicode.Scalar = "-"
        switch row {
        case .message(let index):
            let message = screen.store.messages[index]
            (source, destination) = (message.origin.source, message.origin.destination)
            label = message.label
            if screen.options.showsSDP, !message.note.isEmpty { label += " \(message.note)" }
            if message.isRepeated { label += " (again)" }
            if !message.lint.isEmpty { label += " !" }
            style = .color(Self.color(message, screen))
            if index == self.marked { style.isBold = true }
        case .stream(let stream):
            // Media seldom runs between the ports of the signalling: the hosts count.
            source = places.first { $0.ip == stream.source.ip } ?? stream.source
            destination = places.first { $0.ip == stream.destination.ip } ?? stream.destination
            label =
                "RTP \(stream.codec) \(stream.packets)/\(stream.expected) loss \(StreamLines.decimal(stream.lossFraction * 100)) %"
            style = .color(.magenta)
            rule = "="
        }
        style.isReversed = isCurrent
        guard let from = places.firstIndex(of: source), let to = places.firstIndex(of: destination) else {
            canvas.put(line, Self.timeWidth + 8, "\(label)  \(source) -> \(destination)", style)
            return
        }
        let left = Self.timeWidth + 6 + Swift.min(from, to) * lanes
        let right = Self.timeWidth + 6 + Swift.max(from, to) * lanes
        guard right > left else {
            canvas.put(line, left + 1, "<> \(label)", style)
            return
        }
        canvas.fill(line, left + 1, right - left - 1, style, rule)
        if to > from { canvas.put(line, right - 1, ">", style) } else { canvas.put(line, left + 1, "<", style) }
        let room = right - left - 5
        let text = label.utf8.count > room ? String(label.prefix(Swift.max(0, room - 2))) + ".." : label
        canvas.put(line, left + 1 + (right - left - 1 - text.utf8.count - 2) / 2, " \(text) ", style)
    }

    private static func color(_ message: CallStore.Message, _ screen: Screen) -> Canvas.Color {
        let wheel: [Canvas.Color] = [.blue, .green, .cyan, .magenta, .yellow, .red]
        switch screen.options.colorBy {
        case .request:
            if message.isRequest { return .blue }
            return message.status < 200 ? .cyan : message.status < 300 ? .green : message.status < 400 ? .yellow : .red
        case .callID: return wheel[message.call % wheel.count]
        case .cseq:
            var reading = MessageReading()
            reading.read(message.bytes.span)
            return wheel[Int(reading.cSeq(message.bytes.span)?.number ?? 0) % wheel.count]
        }
    }
}
