<?xml version="1.0" encoding="UTF-8"?>
<!--
  Reads the selected skills (main document), the selected experiences and the profile.  Writes
  the summary: the profile's opening, the two facts that fit the job best, and the skills that
  the last position proves.
-->
<!DOCTYPE xsl:stylesheet [
  <!ENTITY score "sum($keywords[contains(
    concat(' ', normalize-space(translate(current(), $from, $to)), ' '), @match)]/@weight)">
]>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:str="http://exslt.org/strings" exclude-result-prefixes="str">
  <xsl:include href="text.xsl"/>
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>

  <xsl:param name="experiences"/>
  <xsl:param name="profile"/>

  <xsl:variable name="keywords" select="/skills/keyword"/>
  <xsl:variable name="person" select="document(str:encode-uri($profile, false()))/profile"/>
  <xsl:variable name="last-position">
    <xsl:for-each select="document(str:encode-uri($experiences, false()))/*/experience">
      <xsl:sort select="@from" order="descending"/>
      <xsl:if test="position() = 1">
        <xsl:value-of select="concat(' ', normalize-space(translate(., $from, $to)), ' ')"/>
      </xsl:if>
    </xsl:for-each>
  </xsl:variable>

  <xsl:template match="/skills">
    <summary>
      <sentence><xsl:value-of select="normalize-space($person/summary/opening)"/></sentence>
      <xsl:for-each select="$person/summary/fact">
        <xsl:sort select="&score;" data-type="number" order="descending"/>
        <xsl:if test="position() &lt;= 2">
          <sentence><xsl:value-of select="normalize-space()"/></sentence>
        </xsl:if>
      </xsl:for-each>
      <xsl:call-template name="daily-work">
        <xsl:with-param name="proven" select="group/skill[contains($last-position,
          concat(' ', normalize-space(translate(., $from, $to)), ' '))]"/>
      </xsl:call-template>
    </summary>
  </xsl:template>

  <xsl:template name="daily-work">
    <xsl:param name="proven"/>
    <xsl:if test="count($proven) >= 3">
      <sentence>
        <xsl:text>Daily work: </xsl:text>
        <xsl:for-each select="$proven">
          <xsl:sort select="@level = 'expert'" order="descending"/>
          <xsl:sort select="@score" data-type="number" order="descending"/>
          <xsl:choose>
            <xsl:when test="position() = 1"/>
            <xsl:when test="position() = 4 or position() = last() and last() &lt; 4"> and </xsl:when>
            <xsl:when test="position() &lt; 4">, </xsl:when>
          </xsl:choose>
          <xsl:if test="position() &lt;= 4"><xsl:value-of select="."/></xsl:if>
        </xsl:for-each>
        <xsl:text>.</xsl:text>
      </sentence>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>
