"""Text that breaks what is careless with it."""

from hypothesis import strategies as st

NASTY = st.text(
    alphabet=st.one_of(
        st.sampled_from("<>&\"'/=;![]{}\\ \t\n\r\x00\x1b\x1e\x1f\x85\xa0\u2028\u202e\ufffe\ud800😀é-"), st.characters()
    ),
    max_size=60,
)
