"""Range and If-* fields as they come: sane, odd, and hostile."""

from hypothesis import strategies as st

ETAG = '"kmmwndcr6QRgs47R7nw9_Q"'
OTHER = '"AAAAAAAAAAAAAAAAAAAAAA"'
DATES = ["Fri, 20 Nov 2026 16:50:12 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "soon"]

numbers = st.one_of(
    st.just(""), st.integers(0, 40).map(str), st.integers(0, 10**30).map(str), st.just("007")
)
specs = st.builds("{}{}{}".format, numbers, st.sampled_from(["-", "-", "-", "", "--"]), numbers)
ranges = st.one_of(
    st.builds("bytes={}".format, specs),
    st.builds(
        "{}={}".format,
        st.sampled_from(["bytes", "Bytes", "items", "bytes ", ""]),
        st.lists(specs, max_size=3).map(", ".join),
    ),
    st.text(alphabet="bytes=0129-, \tx", max_size=20),
)

tags = st.one_of(
    st.sampled_from([ETAG, OTHER, f"W/{ETAG}", f"w/{ETAG}", "*", '""', '","', "rubbish", '"']),
    st.text(alphabet='W/"a,* \t', max_size=8),
)
tag_lists = st.lists(tags, min_size=1, max_size=3).flatmap(
    lambda found: st.sampled_from([", ", ",", " , ", ",,", " "]).map(
        lambda comma: comma.join(found)
    )
)
fields = st.lists(
    st.one_of(
        st.tuples(st.just("Range"), ranges),
        st.tuples(st.just("If-Range"), st.one_of(tags, st.sampled_from(DATES))),
        st.tuples(st.just("If-Match"), tag_lists),
        st.tuples(st.just("If-None-Match"), tag_lists),
        st.tuples(
            st.sampled_from(["If-Modified-Since", "If-Unmodified-Since"]), st.sampled_from(DATES)
        ),
    ),
    max_size=4,
)
