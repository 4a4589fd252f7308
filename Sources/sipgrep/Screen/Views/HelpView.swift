import SIPKit
import SIPTrace

/// The keys.
struct HelpView: ScreenView {
    var hints: String { "Up Down scroll  q back" }
    private var pager = TextPager()

    private static let text = """
        Everywhere
          arrows, h j k l, PgUp PgDn, ^F ^B ^U ^D, Home End   move
          Esc, q   back; in the list: leave        F1 ?   this page

        Calls
          Enter    ladder of the call, or of those that are selected
          Space    select                          F4 x   with the legs that headers tie to it
          F2 s     save                            F3 / Tab  find, n  again
          F5 ^L    forget all                      F6 r   messages as they were
          F7 f     filter                          F8 o   options
          F9       what is wrong                   F10 t  columns
          < > z    sort by another column, turn round
          i        figures      m  media streams   H  how the capture is doing
          c        colours      p  pause           A  stay at the end

        Ladder
          Enter    the message      Space  mark, and on another one compare
          d        session descriptions            m  media, M  streams of this call
          t        message beside the ladder       w  time of day or since the one before
          F4 x     legs             F2 s   save

        Message
          Left Right   the one before, the next one
        """

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        if self.pager.handle(
            key, count: Self.text.split(separator: "\n", omittingEmptySubsequences: false).count, page: screen.page)
        {
            return .stay
        }
        return key == .char("q") || key == .escape || key == .enter || key == .function(1) ? .close : .stay
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        let lines = Self.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            (String(line), line.first == " " ? Canvas.Style.plain : .bold)
        }
        self.pager.draw(&canvas, lines, from: 1, page: screen.page)
    }
}
