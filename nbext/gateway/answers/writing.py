"""A small stock of answers about data engineering and customer support, by topic."""

from __future__ import annotations

from dataclasses import dataclass

from .words import stems, word_set


@dataclass(frozen=True, slots=True)
class Topic:
    """Words that call for the topic, and answers of two to four sentences about it."""

    words: frozenset[str]
    stems: frozenset[str]
    answers: tuple[str, ...]


def _topic(words: str, *answers: str) -> Topic:
    return Topic(word_set(words), frozenset(stems(words)), answers)


TOPICS: tuple[Topic, ...] = (
    _topic(
        "delta lake table tables parquet acid transaction log optimize vacuum cluster clustering",
        "A Delta table is a folder of Parquet files plus a transaction log that says which of "
        "them count. Every write adds a commit to the log, so readers always see one consistent "
        "version. Run OPTIMIZE when small files pile up, and VACUUM once old versions are no "
        "longer needed.",
        "Liquid clustering keeps rows with similar keys in the same files, so a filter on those "
        "keys skips most of the table. Unlike partitions, the keys can be changed later without "
        "rewriting everything. Start with the one or two columns that your queries filter on "
        "most.",
        "The transaction log is what makes it safe for two jobs to write at once: each commit "
        "names the version it was based on. If another writer got there first and touched the "
        "same files, the later one fails and can simply try again.",
    ),
    _topic(
        "spark job jobs slow skew shuffle partition partitions memory executor join stage performance",
        "A single slow task in an otherwise quick stage nearly always means skew: one key holds "
        "most of the rows. Check the task durations in the stage view first. Adaptive execution "
        "splits skewed partitions for joins; for aggregations, add a salt to the heavy key and "
        "sum twice.",
        "Most slow Spark jobs move too much data rather than compute too much. Filter before the "
        "join, keep only the columns you need, and broadcast the small side if it fits in memory.",
    ),
    _topic(
        "pipeline pipelines etl ingest ingestion stream streaming late events watermark batch "
        "incremental dlt",
        "Late events are normal, so decide how late is too late. A watermark of two hours keeps "
        "state small and still catches most of them; what arrives after that goes to a side table "
        "that a nightly job merges. Say in the table's comment which numbers can still change.",
        "Make each step of the pipeline safe to run twice: read by version, write by key with "
        "MERGE, and record what was processed. Then a failed run needs no clean-up, only a second "
        "try.",
    ),
    _topic(
        "sql query warehouse select window aggregate dashboard slow index",
        "Look at the query profile before changing anything: the widest bar tells you whether it "
        "is scan, shuffle or spill. If it is the scan, filter on the clustering column; if it is "
        "the shuffle, aggregate before you join.",
        "A window function reads each row once and keeps it, where GROUP BY folds rows together. "
        "Use row_number() over a partition ordered by time to keep the newest row per key.",
    ),
    _topic(
        "quality test tests null nulls duplicate duplicates schema drift contract expectation "
        "monitor anomaly",
        "Three checks catch most bad data: row counts against the same weekday last week, nulls "
        "in the key columns, and duplicates by business key. Run them before the table is "
        "published, and let a failure stop the publish rather than page someone after it.",
        "Schema drift usually arrives as a new nullable column or a number that turned into text. "
        "Land raw data as it came, and cast in one place where a failed cast is counted and "
        "kept.",
    ),
    _topic(
        "gateway rate limit limits 429 throttle quota token tokens retry retries fallback "
        "guardrail llm model endpoint latency",
        "A gateway gives every model the same door: one URL, one kind of key, one log. Limits are "
        "counted per user or per endpoint, and a call over the limit gets status 429, which a "
        "client should retry after a pause that grows. A fallback sends the call to a second "
        "model when the first one fails.",
        "Time to first token is mostly queue and prompt; the rest grows with the length of the "
        "answer. If calls feel slow, shorten the prompt, cap max_tokens and stream, in that "
        "order.",
    ),
    _topic(
        "refund refunds invoice invoices billing charge charged payment subscription plan price money",
        "I am sorry about the double charge. When two charges carry the same order number, the "
        "later one is usually a pending authorisation that drops off within three working days. "
        "If it has settled, we refund it to the same card, and you will see it in five to seven "
        "days.",
        "You can change your plan at any time under Settings, Billing. An upgrade takes effect at "
        "once and is charged for the rest of the month; a downgrade starts with the next "
        "invoice.",
    ),
    _topic(
        "password login account access locked sign reset mfa email sso",
        "Please use the link “Forgot password” on the sign-in page; the mail arrives within a "
        "minute or two and the link works for an hour. If your company signs in through SSO, the "
        "reset has to be done there, because we never see that password.",
        "An account locks after five failed attempts and opens again by itself after 15 minutes. "
        "An administrator can unlock it sooner under People, Security.",
    ),
    _topic(
        "order orders delivery shipping shipped package parcel late return arrived customer ticket support",
        "Thank you for writing, and I am sorry that your parcel is late. Tracking shows that it "
        "left our warehouse and is with the carrier; most deliveries in this state arrive within "
        "two days. If it is not there by Friday, we will send a new one at no cost.",
        "A good first reply does three things: it says what you understood, what happens next, "
        "and when the customer will hear from you. Keep it under six lines and put the next step "
        "last.",
    ),
    _topic(
        "notebook notebooks jupyter python pandas dataframe debug trace tracing observability span spans",
        "A trace is the story of one request: each span says what was done, when it began and how "
        "long it took. Read it from the longest bar inwards; what is left over between the bars "
        "is your own code.",
        "Notebooks are best at showing one idea per cell with its result beside it. When a cell "
        "grows past a screen, move the code into a module and keep the call.",
    ),
    _topic(
        "embedding embeddings vector vectors search retrieval rag chunk chunks index similarity",
        "Retrieval works best when the pieces match the questions: cut documents at headings, "
        "keep 200 to 400 words per piece, and store the title with each. Measure recall on twenty "
        "real questions before tuning anything else.",
        "An embedding turns text into a point, and near points mean similar things. Keep the "
        "model and its version beside the vectors, for vectors of two models cannot be compared.",
    ),
    _topic(
        "churn forecast revenue metric metrics kpi report quarter growth retention analysis analyst business",
        "Churn rose by about two points, nearly all of it in the smallest plan and in the first "
        "30 days. That points to onboarding rather than price. I would compare customers who "
        "finished the setup guide with those who did not before changing anything else.",
        "Report one number that the team can move, next to one that it must not hurt. For support "
        "that could be the time to first reply, beside the share of tickets opened again.",
    ),
)

GENERAL: tuple[str, ...] = (
    "The short answer on {subject} is: start small, measure, and keep what works. Write down what "
    "you expect before you look at the result, so that a surprise is seen as one. If you tell me "
    "more about your setup, I can be more precise.",
    "There are two sides to {subject}: what you need today, and what you will wish you had kept "
    "in a year. Choose the simplest thing that covers the first and does not block the second.",
    "With {subject}, most of the effort goes into the ordinary cases, and most of the trouble "
    "comes from the rare ones. List the rare ones first, decide which you will handle, and say "
    "plainly what happens with the rest.",
    "I would look at {subject} in three steps: what is happening now, what should happen instead, "
    "and the smallest change between the two. Make that change, watch it for a week, then decide "
    "about the next.",
)

GREETINGS: tuple[str, ...] = (
    "Hello! What can I help you with today?",
    "Hello! Good to hear from you. What are you working on?",
)

HAIKU: tuple[str, ...] = (
    "Rows drift in at dawn,\nthe log remembers each one;\nnothing falls away.",
    "One question goes out,\na quiet gate counts the words;\nthe answer comes home.",
    "Four twenty-nine, wait.\nThe limit breathes in and out.\nTry again, softly.",
)

TIPS: tuple[str, ...] = (
    "Write the question down before you write the query.",
    "Keep raw data as it came and cast it in one place.",
    "Make every step safe to run twice.",
    "Filter early, join late, and select only the columns you need.",
    "Alert on what a person can act upon, and on nothing else.",
    "Name tables after what one row is.",
    "Test with yesterday's data before you test with all of it.",
    "Give every number a unit and every table an owner.",
)

CAPITALS: dict[str, str] = {
    "france": "Paris",
    "germany": "Berlin",
    "italy": "Rome",
    "spain": "Madrid",
    "portugal": "Lisbon",
    "japan": "Tokyo",
    "norway": "Oslo",
    "sweden": "Stockholm",
    "denmark": "Copenhagen",
    "finland": "Helsinki",
    "austria": "Vienna",
    "switzerland": "Bern",
    "netherlands": "Amsterdam",
    "belgium": "Brussels",
    "poland": "Warsaw",
    "greece": "Athens",
    "ireland": "Dublin",
    "canada": "Ottawa",
    "australia": "Canberra",
    "brazil": "Brasília",
    "argentina": "Buenos Aires",
    "india": "New Delhi",
    "china": "Beijing",
    "egypt": "Cairo",
    "kenya": "Nairobi",
    "mexico": "Mexico City",
    "peru": "Lima",
    "chile": "Santiago",
    "turkey": "Ankara",
    "ukraine": "Kyiv",
}
